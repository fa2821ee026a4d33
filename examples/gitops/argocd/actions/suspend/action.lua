-- Starts no build, and ends the one that runs.
obj.spec.suspend = true
return obj
