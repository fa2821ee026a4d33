-- What can be done to an ImageBuild by hand. A suspended one builds nothing, so it cannot be asked to build again.
local suspended = obj.spec.suspend == true
local actions = {}
actions["rebuild"] = { disabled = suspended, iconClass = "fa fa-fw fa-redo", displayName = "Build again" }
actions["suspend"] = { disabled = suspended, iconClass = "fa fa-fw fa-pause", displayName = "Suspend" }
actions["resume"] = { disabled = not suspended, iconClass = "fa fa-fw fa-play", displayName = "Resume" }
return actions
