"""Batches: many cases from files and tables in, two rows for each case out; nothing is lost.

The route of a row: ``sources`` finds it, ``tables`` or ``case_files`` read it as text or typed
cells, ``columns`` heads them by the paths of findings, ``parts`` screens a part of them through
the cohort reading (or ``workers``: the forward reading), ``verify`` compares a sample of both,
``store`` keeps finished parts, ``finish`` puts them together, ``summary`` counts.
"""
