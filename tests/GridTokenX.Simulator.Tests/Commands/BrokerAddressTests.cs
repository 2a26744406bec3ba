using GridTokenX.Simulator.Commands;

namespace GridTokenX.Simulator.Tests.Commands;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:1883", "127.0.0.1", 1883)]
    [InlineData("[::1]:8883", "::1", 8883)]
    [InlineData("gateway.local:65535", "gateway.local", 65_535)]
    public void A_broker_is_a_host_and_a_port(string text, string host, int port)
    {
        BrokerAddress.Parse(text).ShouldBe((host, port));
        BrokerAddress.ParseLocal(text).ShouldBe((host, port));
    }

    [Fact]
    public void A_path_is_a_socket_where_the_broker_may_be_near_and_nothing_elsewhere()
    {
        BrokerAddress.ParseLocal("/run/broker:1/socket").Host.ShouldBe("/run/broker:1/socket");
        Should.Throw<FormatException>(() => BrokerAddress.Parse("/run/broker/socket"));
        Should.Throw<FormatException>(() => BrokerAddress.Parse("/run/broker:1883"));
    }

    [Theory]
    [InlineData("broker")]
    [InlineData("broker:0")]
    [InlineData("broker:65536")]
    [InlineData("broker:+1")]
    [InlineData(":1883")]
    public void Anything_else_is_refused(string text) =>
        Should.Throw<FormatException>(() => BrokerAddress.ParseLocal(text)).Message.ShouldContain("HOST:PORT");
}
