// parameters: {"rows": [{"labels": ["Skill"], "properties": {"id": "a"}, "number": 1}]}
UNWIND $rows AS row
CREATE (n:$(row.labels))
SET n = row.properties
RETURN row.number AS number, elementId(n) AS key
