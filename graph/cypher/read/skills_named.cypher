// parameters: {"names": ["a"], "keys": {"a": "a"}}
UNWIND $names AS given
MATCH (s:Skill)
WHERE s.id = given OR s.name_key = $keys[given]
RETURN given, s.id AS skill_id, s.name AS name
ORDER BY given, skill_id
