namespace GridTokenX.Protocol.Api;

/// <summary><c>GET /api/carbon</c>: CO2 that was not emitted for the energy a buyer got, newest first.</summary>
/// <param name="CreditedGrams">Of settled trades.</param>
/// <param name="PendingGrams">Of trades that are not settled yet.</param>
/// <param name="Credits">One a trade.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record CarbonView(
    long CreditedGrams, long PendingGrams, IReadOnlyList<CarbonCredit> Credits, string? Next);

/// <param name="MatchId">The trade.</param>
/// <param name="EnergyKwh">Bought.</param>
/// <param name="Grams">0.82 kg a kWh that arrives, whole grams.</param>
/// <param name="Status"><c>pending</c>, <c>credited</c>, or <c>void</c>: the trade has failed.</param>
/// <param name="MatchedAt">When.</param>
public sealed record CarbonCredit(
    Guid MatchId, decimal EnergyKwh, long Grams, string Status, DateTimeOffset MatchedAt);

/// <summary>
/// <c>GET /api/yields</c>: what a seller's trades yield, newest first. Yields are set aside out of collected fees and
/// nothing else; what the fees do not cover waits, and is no debt.
/// </summary>
/// <param name="AccruedGrx">Up to now.</param>
/// <param name="AllottedGrx">Of it, set aside out of fees.</param>
/// <param name="WaitingGrx">Of it, not set aside yet.</param>
/// <param name="Yields">One a trade.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record YieldView(
    decimal AccruedGrx,
    decimal AllottedGrx,
    decimal WaitingGrx,
    IReadOnlyList<YieldEntry> Yields,
    string? Next);

/// <param name="MatchId">The trade.</param>
/// <param name="YearlyGrx">5 % of its value.</param>
/// <param name="MostGrx">What it comes to when its term is over.</param>
/// <param name="AccruedGrx">Up to now.</param>
/// <param name="AllottedGrx">Set aside.</param>
/// <param name="Status"><c>pending</c> (until the trade is settled), <c>accruing</c>, <c>allotted</c> (all of it) or
/// <c>void</c>: the trade has failed.</param>
/// <param name="AccruesFrom">The settlement; null before it.</param>
public sealed record YieldEntry(
    Guid MatchId,
    decimal YearlyGrx,
    decimal MostGrx,
    decimal AccruedGrx,
    decimal AllottedGrx,
    string Status,
    DateTimeOffset? AccruesFrom);

/// <summary>Of an operator's report: what trades entailed.</summary>
/// <param name="CarbonGrams">Credited.</param>
/// <param name="BurnDueWh">Energy to retire: by its owner, or under way.</param>
/// <param name="BurnedWh">Retired on chain.</param>
/// <param name="YieldAccruedUgrx">Of sellers and the liquidity pool, up to now.</param>
/// <param name="YieldAllottedUgrx">Set aside out of fees.</param>
/// <param name="YieldPayableUgrx">Accrued, and covered by fees: the next rounds set it aside.</param>
/// <param name="YieldUnfundedUgrx">Accrued, and not covered by fees.</param>
/// <param name="AcrossMatches">Matches of two zones.</param>
/// <param name="LostWh">Of theirs, lost on the way.</param>
/// <param name="WheelingDueUgrx">Owed by their buyers to the grid.</param>
/// <param name="BurnedVoluntarilyWh">Retired by owners themselves beyond what they owed.</param>
public sealed record EffectTotals(
    long CarbonGrams,
    long BurnDueWh,
    long BurnedWh,
    long YieldAccruedUgrx,
    long YieldAllottedUgrx,
    long YieldPayableUgrx,
    long YieldUnfundedUgrx,
    long AcrossMatches,
    long LostWh,
    long WheelingDueUgrx,
    long BurnedVoluntarilyWh = 0);
