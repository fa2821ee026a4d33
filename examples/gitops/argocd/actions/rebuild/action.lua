-- Builds the same spec again: the same as `kubectl annotate --overwrite ... kiln.build/rebuild-requested-at=...`.
local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["kiln.build/rebuild-requested-at"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
