// parameters: {"name": "no_such_index"}
DROP INDEX $name IF EXISTS
