// parameters: {"words": ["anna@x.example"]}
// A first look, without regard to case or to where a word ends: every node of which a property holds one of the words.
// Read whole, once, for an erasure. What is kept for that itself is left out.
MATCH (n)
WHERE NOT n:Erasure AND NOT n:Suppression AND NOT n:Migration AND NOT n:PrivilegedAct AND any(name IN keys(n) WHERE
  CASE WHEN n[name] IS :: STRING THEN any(word IN $words WHERE toLower(n[name]) CONTAINS word)
       WHEN n[name] IS :: LIST<STRING NOT NULL> THEN
         any(item IN n[name] WHERE any(word IN $words WHERE toLower(item) CONTAINS word))
       ELSE false END)
RETURN elementId(n) AS key, labels(n)[0] AS label, n.id AS id
