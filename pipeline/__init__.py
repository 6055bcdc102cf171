"""The stations in order, as plain functions without a scheduler: DAGs and the command line call the same ones."""
