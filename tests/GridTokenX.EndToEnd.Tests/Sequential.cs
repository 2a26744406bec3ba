// Each run keeps the whole machine busy.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
