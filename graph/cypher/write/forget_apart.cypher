// parameters: {"one": "a", "other": "b"}
MATCH (:Person {id: $one})-[r:IS_NOT]-(:Person {id: $other})
DELETE r
RETURN count(*) AS forgotten
