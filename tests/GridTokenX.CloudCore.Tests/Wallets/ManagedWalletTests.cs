using System.Net;
using System.Security.Cryptography;
using Dapper;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Wallets;

public sealed class ManagedWalletTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private static readonly Blockhash SomeBlockhash = new(new byte[Blockhash.Length]);
    private static readonly PublicKey Payer = Keypair.Generate().PublicKey;
    private static readonly TradingProgram Trading =
        new(LocalPrograms.Trading, LocalPrograms.Registry, LocalPrograms.EnergyToken);

    private readonly CloudHost _host = fixture.Host;

    private IWalletSigner Signer => _host.Services.GetRequiredService<IWalletSigner>();

    [Fact]
    public async Task Managed_user_gets_a_wallet_and_keeps_it()
    {
        using var key = SigningKey.Generate();
        var user = await RegisterAsync(key).ShouldBeAsync(HttpStatusCode.Created, ProtocolJson.Default.UserView);
        user.AccessKey.ShouldBe(key.PublicKey);
        user.Wallet.ShouldNotBe(key.PublicKey);
        (await RegisterAsync(key).ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserView)).ShouldBe(user);
        (await _host.GetAsync(key, "/api/users/me").Then(ProtocolJson.Default.UserView)).ShouldBe(user);
        await RegisterAsync(key, wallet: "own")
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.WalletRegistered);
        await RegisterAsync(key, wallet: "golden")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    [Fact]
    public async Task Wallet_registers_on_chain_by_its_own_address()
    {
        using var key = SigningKey.Generate();
        var user = await RegisterAsync(key).Then(ProtocolJson.Default.UserView);
        var intent = ChainIntentJson.Read(await IntentAsync(user.Id));
        intent.ShouldBe(new RegisterUserOnChain(user.Id, user.Wallet, "consumer"));
    }

    [Fact]
    public async Task Exported_secret_is_the_wallets_and_opens_with_the_access_key_alone()
    {
        using var key = SigningKey.Generate();
        using var other = SigningKey.Generate();
        var user = await RegisterAsync(key).Then(ProtocolJson.Default.UserView);
        var export = await ExportAsync(key).ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.WalletExport);
        using var keypair = Keypair.FromSecretKey(SealedBox.Open(key, export.SealedSecret));
        keypair.PublicKey.ToKey32().ShouldBe(user.Wallet);
        export.Wallet.ShouldBe(user.Wallet);
        Should.Throw<CryptographicException>(() => SealedBox.Open(other, export.SealedSecret));
        await using var connection = await _host.Database.OpenConnectionAsync();
        (await connection.QuerySingleAsync<DateTimeOffset>(
            "select exported_at from managed_wallets where wallet = @Wallet", new { user.Wallet }))
            .ShouldBe(_host.Now);
    }

    [Fact]
    public async Task Nothing_is_exported_to_anybody_else()
    {
        using var stranger = SigningKey.Generate();
        using var own = SigningKey.Generate();
        _ = await RegisterAsync(own, wallet: "own").Then(ProtocolJson.Default.UserView);
        await ExportAsync(null).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.NotSigned);
        await ExportAsync(stranger).ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
        await ExportAsync(own).ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.WalletNotManaged);
    }

    [Fact]
    public async Task Wallet_of_one_user_is_no_access_key_of_another()
    {
        using var key = SigningKey.Generate();
        _ = await RegisterAsync(key).Then(ProtocolJson.Default.UserView);
        var export = await ExportAsync(key).Then(ProtocolJson.Default.WalletExport);
        using var wallet = SigningKey.FromSeed(SealedBox.Open(key, export.SealedSecret).AsSpan(0, 32));
        foreach (var kind in (string[])["own", "managed"])
        {
            await RegisterAsync(wallet, wallet: kind)
                .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.WalletRegistered);
        }
    }

    [Fact]
    public async Task Server_signs_orders_that_somebody_else_pays_for()
    {
        var user = await UserAsync();
        var transaction = Transaction(Order(user.Wallet));
        (await Signer.TrySignAsync(user.Wallet, transaction, CancellationToken.None)).ShouldBeTrue();
        var signature = transaction.Signatures[1].ShouldNotBeNull();
        user.Wallet.ToPublicKey().Verify(transaction.MessageBytes.Span, signature).ShouldBeTrue();
    }

    [Fact]
    public async Task Server_signs_the_retirement_of_energy_that_was_used()
    {
        var user = await UserAsync();
        var retire = new EnergyTokenProgram(LocalPrograms.EnergyToken).Retire(user.Wallet.ToPublicKey(), 1);
        var message = Message.CompileLegacy(LocalPrograms.Trading, SomeBlockhash, retire);
        (await Signer.TrySignAsync(user.Wallet, new Transaction(message), CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public async Task Server_signs_nothing_but_orders_and_retirements()
    {
        var user = await UserAsync();
        var (wallet, thief) = (user.Wallet.ToPublicKey(), LocalPrograms.Registry);
        var energy = new EnergyTokenProgram(LocalPrograms.EnergyToken);
        await RefusedAsync(energy.Update(wallet, thief));
        await RefusedAsync(energy.Retire(wallet, 1) with { Data = new byte[] { 1 } });
        await RefusedAsync(SystemProgram.Transfer(wallet, thief, 1));
        await RefusedAsync(TokenProgram.Approve(thief, thief, wallet, ulong.MaxValue));
        var message = Message.CompileLegacy(wallet, SomeBlockhash, Order(user.Wallet));
        _ = await Should.ThrowAsync<InvalidOperationException>(
            () => Signer.TrySignAsync(user.Wallet, new Transaction(message), CancellationToken.None));

        async Task RefusedAsync(Instruction instruction)
        {
            var transaction = Transaction(Order(user.Wallet), instruction);
            _ = await Should.ThrowAsync<InvalidOperationException>(
                () => Signer.TrySignAsync(user.Wallet, transaction, CancellationToken.None));
            transaction.Signatures.ShouldAllBe(static signature => signature == null);
        }
    }

    [Fact]
    public async Task Server_does_not_sign_for_a_wallet_it_does_not_hold()
    {
        var stranger = new Key32(RandomNumberGenerator.GetBytes(32));
        (await Signer.TrySignAsync(stranger, Transaction(Order(stranger)), CancellationToken.None))
            .ShouldBeFalse();
    }

    [Fact]
    public async Task Seed_moved_to_another_wallet_in_the_database_opens_nothing()
    {
        var (anna, boon) = (await UserAsync(), await UserAsync());
        await using var connection = await _host.Database.OpenConnectionAsync();
        _ = await connection.ExecuteAsync(
            """
            update managed_wallets set sealed_seed = (
                select sealed_seed from managed_wallets where wallet = @Boon) where wallet = @Anna
            """,
            new { Anna = anna.Wallet, Boon = boon.Wallet });
        _ = await Should.ThrowAsync<CryptographicException>(() => Signer.TrySignAsync(
            anna.Wallet, Transaction(Order(anna.Wallet)), CancellationToken.None));
    }

    [Fact]
    public async Task Neither_seed_nor_master_key_stands_in_the_database()
    {
        using var key = SigningKey.Generate();
        _ = await RegisterAsync(key).Then(ProtocolJson.Default.UserView);
        var export = await ExportAsync(key).Then(ProtocolJson.Default.WalletExport);
        var seed = SealedBox.Open(key, export.SealedSecret)[..32];
        await using var connection = await _host.Database.OpenConnectionAsync();
        var rows = await connection.QueryAsync<byte[]>("select sealed_seed || master_key from managed_wallets");
        foreach (var row in rows)
        {
            row.AsSpan().IndexOf(seed).ShouldBe(-1);
        }
    }

    private async Task<UserView> UserAsync()
    {
        using var key = SigningKey.Generate();
        return await RegisterAsync(key).Then(ProtocolJson.Default.UserView);
    }

    private async Task<string> IntentAsync(Guid id)
    {
        await using var connection = await _host.Database.OpenConnectionAsync();
        return await connection.QuerySingleAsync<string>(
            "select intent::text from chain_outbox where intent_id = @id", new { id });
    }

    private static Transaction Transaction(params Instruction[] instructions) =>
        new(Message.CompileLegacy(Payer, SomeBlockhash, instructions));

    private static Instruction Order(Key32 wallet) => Trading.CreateSellOrder(
        Payer, wallet.ToPublicKey(), new OrderTerms(1, 1_000_000, 1, 1));

    private Task<HttpResponseMessage> ExportAsync(SigningKey? key) =>
        _host.PostTextAsync(key, "/api/wallets/export", "");

    private Task<HttpResponseMessage> RegisterAsync(SigningKey key, string wallet = "managed") =>
        _host.PostAsync(key, "/api/users", new RegisterUserRequest("Boon", "consumer", wallet));
}
