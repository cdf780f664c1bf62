// parameters: {"name": "vector_m_person", "label": "Person", "property": "vector_m", "dimension": 3}
// The procedure takes the property's name as a parameter, which CREATE VECTOR INDEX cannot.
CALL db.index.vector.createNodeIndex($name, $label, $property, $dimension, 'cosine')
