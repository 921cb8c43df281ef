using System.Collections.Immutable;
using Commune.Ai.Extraction;
using Commune.Server.Hosting;

namespace Commune.Server.Extraction;

/// <summary>Runs the extractor under its time limit. Whatever goes wrong in it is an outcome that says so.</summary>
internal sealed partial class ReadBySchema(IExtractor extractor, ExtractionOptions options, TimeProvider time, ILogger<ReadBySchema> log)
{
    private static readonly TimeSpan WaitForPlace = TimeSpan.FromSeconds(15);

    /// <summary>A large schema and a long text keep a processor busy for seconds: those who ask must leave one to everybody else.</summary>
    private readonly SemaphoreSlim places = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>For somebody who waits for the answer.</summary>
    /// <exception cref="ApiException">429: too many wait.</exception>
    public async Task<ExtractionOutcome> AnswerAsync(string orgId, ExtractionSchema schema, MailText mail, CancellationToken cancellation)
    {
        if (!await places.WaitAsync(WaitForPlace, cancellation))
            throw new ApiException(StatusCodes.Status429TooManyRequests, new ErrorBody("Too many extractions run at once; try again in some seconds", "extraction_busy"));
        try
        {
            return await RunAsync(orgId, schema, mail, cancellation);
        }
        finally
        {
            places.Release();
        }
    }

    public async Task<ExtractionOutcome> RunAsync(string orgId, ExtractionSchema schema, MailText mail, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ExtractionResult result;
        try
        {
            // On a thread of its own: one that computes without end must not take the caller's with it.
            result = await Task.Run(() => extractor.ExtractAsync(new ExtractionRequest(orgId, schema, mail), limit.Token), limit.Token)
                .WaitAsync(options.TimeLimit, time, cancellation);
        }
        catch (TimeoutException)
        {
            result = Failed($"It took longer than {options.TimeLimit}. Try again later.");
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            LogFailure(log, error);
            result = Failed("The extractor failed on this message. Try again later.");
        }
        finally
        {
            await limit.CancelAsync();
        }

        return ExtractionOutcome.Of(result, extractor, schema, time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    /// <summary>An outcome without an attempt.</summary>
    public ExtractionOutcome GiveUp(ExtractionSchema schema, string reason) =>
        ExtractionOutcome.Of(Failed(reason), extractor, schema, time.GetUtcNow().ToUnixTimeMilliseconds());

    private static ExtractionResult Failed(string reason) => new(
        ExtractionStatus.Failed, null, ImmutableDictionary<string, FieldEvidence>.Empty, ImmutableDictionary<string, FieldEvidence?>.Empty, [reason]);

    [LoggerMessage(Level = LogLevel.Error, Message = "An extraction failed in our own hands")]
    private static partial void LogFailure(ILogger log, Exception error);
}
