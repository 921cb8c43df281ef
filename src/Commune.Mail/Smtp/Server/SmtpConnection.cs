using System.IO.Pipelines;

namespace Commune.Mail.Smtp.Server;

internal sealed class SmtpConnection
{
    private readonly object[] _all;
    public SmtpConnection(SmtpServerSettings settings, ISmtpMailHandler handler, TimeProvider time, SmtpSessionInfo session, IDuplexPipe transport, Func<IDuplexPipe, CancellationToken, ValueTask<SmtpTlsResult>>? startTls, Action<Exception>? onError, CancellationToken drain, CancellationToken abort) => _all = [settings, handler, time, session, transport, startTls!, onError!, drain, abort];
    public Task ServeAsync() => Task.FromResult(_all);
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    public void ThrowUnreportedError() => _ = _all;
}
