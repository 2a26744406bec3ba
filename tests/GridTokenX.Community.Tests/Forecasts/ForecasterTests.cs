using GridTokenX.Community.Forecasts;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Tests.Forecasts;

/// <summary>Errors are expected less actual, worked out by hand.</summary>
public sealed class ForecasterTests
{
    private static readonly DateOnly Start = new(2026, 4, 1);

    /// <summary>Of 10, 4, 7, 7: expected 10, 4, 7, errors +6, −3, 0.</summary>
    [Fact]
    public void Naive_forecast_is_the_quarter_hour_before()
    {
        var errors = ErrorsOf(ForecastKind.Naive, [10, 4, 7, 7], out var expected);
        expected[1..].ShouldBe([10L, 4, 7]);
        errors.Count.ShouldBe(3);
        errors.MeanAbsolute.ShouldBe(3m);
        errors.RootMeanSquare.ShouldBe(3.873m);
        errors.Bias.ShouldBe(1m);
    }

    /// <summary>More surplus than was expected is a bias below zero.</summary>
    [Fact]
    public void Bias_is_below_zero_when_more_came_than_was_expected() =>
        ErrorsOf(ForecastKind.Naive, [-2, 0, 4], out _).Bias.ShouldBe(-3m);

    /// <summary>Squares of 0 and 1: their mean is a half, and not cut to nothing.</summary>
    [Fact]
    public void Small_errors_have_a_root_mean_square() =>
        ErrorsOf(ForecastKind.Naive, [5, 5, 4], out _).RootMeanSquare.ShouldBe(0.707m);

    /// <summary>From 1,000 by 0.3 toward 2,000 is 1,300: errors −1,000 and +1,300.</summary>
    [Fact]
    public void Smoothing_begins_with_the_first_value_and_takes_three_tenths_of_each_next_one()
    {
        var errors = ErrorsOf(ForecastKind.ExponentialSmoothing, [1_000, 2_000, 0, 0], out var expected);
        expected[1..].ShouldBe([1_000L, 1_300, 910]);
        errors.Count.ShouldBe(3);
        errors.MeanAbsolute.ShouldBe(1_070m);
        errors.Bias.ShouldBe(403.333m);
        errors.RootMeanSquare.ShouldBe(1_082.913m);
    }

    [Fact]
    public void Same_time_yesterday_is_the_day_s_own_quarter_hour_and_no_error_counts_before_it()
    {
        long[] first = [.. Enumerable.Range(0, EpochTime.PerDay).Select(static quarter => quarter * 10L)];
        long[] second = [.. first.Select(static value => value + 5)];
        var errors = ErrorsOf(ForecastKind.SameTimeYesterday, [.. first, .. second], out var expected);
        expected[EpochTime.PerDay..].ShouldBe(first);

        // Until there is a yesterday it expects what was a quarter hour ago, which is not its error.
        expected[40].ShouldBe(390);
        errors.Count.ShouldBe(EpochTime.PerDay);
        (errors.MeanAbsolute, errors.RootMeanSquare, errors.Bias).ShouldBe((5m, 5m, -5m));
    }

    [Fact]
    public void Perfect_forecast_is_never_wrong()
    {
        var errors = ErrorsOf(ForecastKind.Perfect, [3, -8, 100], out var expected);
        expected.ShouldBe([3L, -8, 100]);
        (errors.Count, errors.MeanAbsolute, errors.Bias).ShouldBe((2L, 0m, 0m));
    }

    [Fact]
    public void Homes_remember_each_its_own()
    {
        var forecasters = new Forecasters([ForecastKind.SameTimeYesterday, ForecastKind.SameTimeYesterday]);
        for (var epoch = 0; epoch < EpochTime.PerDay; epoch++)
        {
            var time = EpochTime.At(Start, epoch, 7);
            forecasters.Learn(0, time, 0, epoch);
            forecasters.Learn(1, time, 0, -epoch);
        }

        var tomorrow = EpochTime.At(Start, EpochTime.PerDay + 17, 7);
        forecasters.Expect(0, tomorrow, 0).ShouldBe(17);
        forecasters.Expect(1, tomorrow, 0).ShouldBe(-17);
    }

    private static ForecastErrors ErrorsOf(ForecastKind kind, long[] actual, out long[] expected)
    {
        var forecasters = new Forecasters([kind]);
        expected = new long[actual.Length];
        for (var epoch = 0; epoch < actual.Length; epoch++)
        {
            var time = EpochTime.At(Start, epoch, 7);
            expected[epoch] = forecasters.Expect(0, time, actual[epoch]);
            forecasters.Learn(0, time, expected[epoch], actual[epoch]);
        }

        return forecasters.ErrorsOf(kind);
    }
}
