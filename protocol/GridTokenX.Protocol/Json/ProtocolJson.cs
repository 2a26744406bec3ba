using System.Text.Json.Serialization;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.Protocol.Json;

/// <summary>
/// The JSON of every message that crosses a process boundary: snake case, nothing missing, nothing twice, no numbers in
/// strings; unknown members are passed over, so that a newer sender is understood.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16)]
[JsonSerializable(typeof(SignedReading))]
[JsonSerializable(typeof(ReadingAcknowledgement))]
[JsonSerializable(typeof(LockCommand))]
[JsonSerializable(typeof(DeviceState))]
[JsonSerializable(typeof(DeviceStatus))]
[JsonSerializable(typeof(TimeAnnouncement))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(RegisterUserRequest))]
[JsonSerializable(typeof(UserView))]
[JsonSerializable(typeof(WalletExport))]
[JsonSerializable(typeof(RegisterGatewayRequest))]
[JsonSerializable(typeof(RegisterMeterRequest))]
[JsonSerializable(typeof(RegisterMeterResponse))]
[JsonSerializable(typeof(MeterView))]
[JsonSerializable(typeof(IReadOnlyList<GatewayDevice>))]
[JsonSerializable(typeof(ReadingBatchResponse))]
[JsonSerializable(typeof(SubmitReadingRequest))]
[JsonSerializable(typeof(CreateOrderRequest))]
[JsonSerializable(typeof(PlaceOrdersRequest))]
[JsonSerializable(typeof(PlacedOrders))]
[JsonSerializable(typeof(MatchOrderRequest))]
[JsonSerializable(typeof(CancelOrderRequest))]
[JsonSerializable(typeof(OrderView))]
[JsonSerializable(typeof(OrderList))]
[JsonSerializable(typeof(TradeHistory))]
[JsonSerializable(typeof(EpochView))]
[JsonSerializable(typeof(EpochList))]
[JsonSerializable(typeof(MarketData))]
[JsonSerializable(typeof(PriceHistoryPage))]
[JsonSerializable(typeof(CarbonView))]
[JsonSerializable(typeof(YieldView))]
[JsonSerializable(typeof(ChainInfo))]
[JsonSerializable(typeof(WalletBalances))]
[JsonSerializable(typeof(GrantRequest))]
[JsonSerializable(typeof(GrantView))]
[JsonSerializable(typeof(OutboxEntry))]
[JsonSerializable(typeof(OutboxPage))]
[JsonSerializable(typeof(AdvanceRequest))]
[JsonSerializable(typeof(CloudSimulationStatus))]
[JsonSerializable(typeof(GatewayStatus))]
[JsonSerializable(typeof(GatewaySummary))]
[JsonSerializable(typeof(SummaryReceipt))]
[JsonSerializable(typeof(MakeClaimRequest))]
[JsonSerializable(typeof(MadeClaim))]
[JsonSerializable(typeof(ClaimGatewayRequest))]
[JsonSerializable(typeof(ClaimedGateway))]
[JsonSerializable(typeof(PairMeterRequest))]
[JsonSerializable(typeof(PairingProof))]
[JsonSerializable(typeof(GatewayView))]
[JsonSerializable(typeof(ConsentRequest))]
[JsonSerializable(typeof(PairingOffer))]
[JsonSerializable(typeof(DeviceConsent))]
[JsonSerializable(typeof(OperatorReport))]
[JsonSerializable(typeof(ReconciliationReport))]
public sealed partial class ProtocolJson : JsonSerializerContext;
