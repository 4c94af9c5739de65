"""Many trainings: of one setting with many seeds, and of many settings in search of the best one.

A job is one training (`job`). Processes of this machine (`processes`) or a Ray cluster (`on_ray`) do jobs;
`workers` hands them out. `distribution` sums up the results of many seeds. A sweep reads its space file
(`space`), keeps its trials (`trials`), searches (`search`), and compares the best of them (`comparison`).
"""
