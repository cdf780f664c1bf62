// parameters: {}
// That a request was done is kept, so that it is not done twice; what it was answered may name anybody.
MATCH (k:IdempotencyKey)
SET k.answer = ''
