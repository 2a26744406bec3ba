using System.Diagnostics.CodeAnalysis;

namespace GridTokenX.Solana.Sending;

/// <summary>Answers many questions with few requests: while one is under way the next questions gather, and go out
/// together when it is back. Adds no delay.</summary>
internal sealed class BatchedLookup<TKey, TValue>(
    Func<IReadOnlyList<TKey>, Task<IReadOnlyList<TValue>>> lookup)
{
    private readonly Lock _lock = new();
    private List<(TKey Key, TaskCompletionSource<TValue> Answer)> _gathered = [];
    private bool _isRunning;

    public Task<TValue> GetAsync(TKey key)
    {
        var answer = new TaskCompletionSource<TValue>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isRunning;
        lock (_lock)
        {
            _gathered.Add((key, answer));
            isRunning = _isRunning;
            _isRunning = true;
        }

        if (!isRunning)
        {
            _ = RunAsync();
        }

        return answer.Task;
    }

    private async Task RunAsync()
    {
        while (Take() is { } questions)
        {
            await AskAsync(questions);
        }
    }

    private List<(TKey Key, TaskCompletionSource<TValue> Answer)>? Take()
    {
        lock (_lock)
        {
            if (_gathered.Count == 0)
            {
                _isRunning = false;
                return null;
            }

            var questions = _gathered;
            _gathered = [];
            return questions;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever it is, it goes to everyone who asked.")]
    private async Task AskAsync(List<(TKey Key, TaskCompletionSource<TValue> Answer)> questions)
    {
        try
        {
            var answers = await lookup([.. questions.Select(question => question.Key)]);
            foreach (var ((_, waiting), answer) in questions.Zip(answers))
            {
                waiting.SetResult(answer);
            }
        }
        catch (Exception e)
        {
            questions.ForEach(question => question.Answer.TrySetException(e));
        }
    }
}
