// parameters: {"words": ["anna@x.example"]}
// The same of relationships.
MATCH ()-[r]->()
WITH r, properties(r) AS held
WITH r, [name IN keys(held) | held[name]] AS values
WHERE any(value IN values WHERE value IS :: STRING AND any(word IN $words WHERE toLower(value) CONTAINS word))
   OR any(value IN values WHERE value IS :: LIST<STRING NOT NULL>
          AND any(item IN value WHERE any(word IN $words WHERE toLower(item) CONTAINS word)))
RETURN elementId(r) AS key
