// parameters: {"ids": ["q"]}
// Nobody asked it any more, whatever its fields say.
UNWIND $ids AS id
MATCH (:Question {id: id})<-[r:ASKED]-(:Person)
DELETE r
