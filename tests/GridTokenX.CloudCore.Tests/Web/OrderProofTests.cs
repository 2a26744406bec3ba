using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Web;

public sealed class OrderProofTests
{
    [Fact]
    public async Task An_order_names_the_transactions_of_its_escrow_and_of_its_end_to_its_owner()
    {
        await using var world = await BrowserWorld.StartAsync();
        using var home = await world.SellerAsync();
        await world.SellAsync(home, 1m, 3.1m, "a");
        var open = (await OrdersAsync(world, home)).ShouldHaveSingleItem();
        var escrowed = open.Proofs.ShouldNotBeNull().ShouldHaveSingleItem();
        escrowed.Step.ShouldBe("escrowed");

        await world.PostAsync(home.Wallet, "/api/trading/orders/cancel", new CancelOrderRequest(open.OrderId), "b")
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        await world.QuietAsync();
        var proofs = (await OrdersAsync(world, home)).ShouldHaveSingleItem().Proofs.ShouldNotBeNull();
        proofs.Select(static proof => proof.Step).ShouldBe(["escrowed", "closed"]);
        proofs[0].ShouldBe(escrowed);
        var one = await world.Host.GetAsync(home.Wallet, $"/api/trading/orders/{open.OrderId}")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OrderView);
        one.Proofs.ShouldNotBeNull().ShouldBe(proofs);
        foreach (var proof in proofs)
        {
            (await world.Rpc.GetTransactionAsync(Signature.Parse(proof.TxSignature))).ShouldNotBeNull();
        }
    }

    private static async Task<IReadOnlyList<OrderView>> OrdersAsync(BrowserWorld world, VirtualHome home) =>
        (await world.Host.GetAsync(home.Wallet, "/api/trading/orders")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OwnOrderList)).Orders;
}
