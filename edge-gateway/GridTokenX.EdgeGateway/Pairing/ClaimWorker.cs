using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Pairing;

/// <summary>
/// Asks the cloud about a claim code until it has answered, and now and then whose the gateway is. The command line
/// writes codes from another process, so it is looked for one as well.
/// </summary>
internal sealed class ClaimWorker(
    Ownership ownership, PairingCloud cloud, PairingStore pairings, WallTime wall, ILogger<ClaimWorker> logger)
    : SupervisedService(wall, logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CorrectAgain = TimeSpan.FromMinutes(2);

    private DateTimeOffset _correctAt = DateTimeOffset.MinValue;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (ownership.Code is { } code)
            {
                await AskAsync(code, cancellationToken);
            }
            else if (Wall.UtcNow >= _correctAt)
            {
                await CorrectAsync(cancellationToken);
            }

            _ = await ownership.Asked.WaitAsync(LookAgain, Wall, cancellationToken);
        }
    }

    private async Task AskAsync(string code, CancellationToken cancellationToken)
    {
        var before = ownership.Current?.Wallet;
        var (claimed, refusal) = await cloud.ClaimAsync(code, cancellationToken);
        if (claimed is not null)
        {
            if (before is not null && before != claimed.Owner)
            {
                // Their devices have consented to somebody else.
                pairings.Clear();
            }

            ownership.Accept(new Owner(claimed.Name, claimed.Zone, claimed.Owner, claimed.PairingUntil));
            Log.OwnerIs(logger, claimed.Owner, claimed.Name);
        }
        else if (refusal is not null)
        {
            ownership.Refuse(refusal);
            Log.CodeRefused(logger, refusal);
        }
    }

    private async Task CorrectAsync(CancellationToken cancellationToken)
    {
        _correctAt = Wall.UtcNow + CorrectAgain;
        var (view, _) = await cloud.SelfAsync(cancellationToken);
        if (view is not null)
        {
            ownership.Correct(view is { Owner: { } wallet, Zone: { } zone }
                ? new Owner(view.Name, zone, wallet, view.PairingUntil ?? DateTimeOffset.UnixEpoch)
                : null);
        }
    }
}
