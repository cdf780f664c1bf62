// parameters: {"words": ["anna@x.example"]}
// A first look, without regard to case or to where a word ends: every node of which a property holds one of the words.
// Read whole, once, for an erasure. What is kept for that itself is left out. Properties are fetched all at once: to ask
// for one after the other takes twice as long.
MATCH (n)
WHERE NOT n:Erasure AND NOT n:Suppression AND NOT n:Migration AND NOT n:PrivilegedAct
WITH n, properties(n) AS held
WITH n, [name IN keys(held) | held[name]] AS values
WHERE any(value IN values WHERE value IS :: STRING AND any(word IN $words WHERE toLower(value) CONTAINS word))
   OR any(value IN values WHERE value IS :: LIST<STRING NOT NULL>
          AND any(item IN value WHERE any(word IN $words WHERE toLower(item) CONTAINS word)))
RETURN elementId(n) AS key, labels(n)[0] AS label, n.id AS id
