// parameters: {"name": "nothing"}
DROP INDEX $name IF EXISTS
