"""CDS Hooks 2.0: what a record system asks when a patient is opened, answered with cards.

Pure functions: ``services`` says what is offered, ``answer`` gives the cards of one request, and
``heard`` reads feedback. They call nobody and keep nothing; the workbench's server mounts them.
"""
