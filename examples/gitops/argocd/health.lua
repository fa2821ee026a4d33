-- The health of an ImageBuild, as docs/gitops.md has it. It reads what kstatus reads, in the same order.
local health = {
  status = "Progressing",
  message = "The operator has not seen this ImageBuild yet.",
}
if obj.status == nil or obj.status.conditions == nil then
  return health
end
if obj.status.observedGeneration ~= obj.metadata.generation then
  health.message = "The operator has not seen this spec yet."
  return health
end
local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end
local ready = conditions["Ready"]
if ready == nil then
  return health
end
health.message = ready.message
if conditions["Reconciling"] ~= nil and conditions["Reconciling"].status == "True" then
  health.status = "Progressing"
elseif conditions["Stalled"] ~= nil and conditions["Stalled"].status == "True" then
  health.status = "Degraded"
elseif ready.status == "True" then
  health.status = "Healthy"
elseif ready.reason == "Suspended" then
  health.status = "Suspended"
end
return health
