namespace GridTokenX.CloudCore.Storage;

/// <summary>How PostgreSQL plans the statements of a transaction.</summary>
internal static class Plans
{
    /// <summary>
    /// For a select list: a plan made for a group of one is good for every group, and is not made again for each.
    /// </summary>
    internal const string Once = "set_config('plan_cache_mode', 'force_generic_plan', true)";
}
