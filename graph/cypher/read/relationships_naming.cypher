// parameters: {"words": ["anna@x.example"]}
// The same of relationships.
MATCH ()-[r]->()
WHERE any(name IN keys(r) WHERE
  CASE WHEN r[name] IS :: STRING THEN any(word IN $words WHERE toLower(r[name]) CONTAINS word)
       WHEN r[name] IS :: LIST<STRING NOT NULL> THEN
         any(item IN r[name] WHERE any(word IN $words WHERE toLower(item) CONTAINS word))
       ELSE false END)
RETURN elementId(r) AS key
