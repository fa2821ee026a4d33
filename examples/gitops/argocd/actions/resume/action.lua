-- Builds what is missing.
obj.spec.suspend = false
return obj
