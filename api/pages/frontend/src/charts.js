// Charts of the pages that have them.
