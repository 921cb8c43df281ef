using System.Text;

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Runs a content stream as far as it shows text (ISO 32000-1 §9.4): the operators that move, choose a font, or show.</summary>
internal sealed class PdfContent(PdfDocument document, PdfLayout layout, ReadingBudget budget)
{
    private const int DeepestForm = 12;
    private const int MostStates = 200;
    private const int MostOperands = 4000;

    private readonly Dictionary<PdfObject.Dictionary, PdfFont> fonts = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<PdfObject> formsUnderWay = new(ReferenceEqualityComparer.Instance);

    private sealed record State(PdfMatrix Page, PdfFont Font, double Size, double CharacterSpace, double WordSpace, double Scale, double Leading, double Rise);

    public void Run(byte[] content, PdfObject.Dictionary resources) =>
        Run(content, resources, new State(PdfMatrix.Identity, PdfFont.Unknown, 1, 0, 0, 1, 0, 0), 0);

    private void Run(byte[] content, PdfObject.Dictionary resources, State state, int depth)
    {
        var run = new Frame(resources, state, depth);
        var lexer = new PdfLexer(content, budget);
        var operands = new List<PdfObject?>();
        while (!budget.IsSpent && lexer.Read() is var item and not PdfObject.End)
        {
            if (item is not PdfObject.Keyword keyword)
            {
                if (operands.Count < MostOperands)
                    operands.Add(item);
                continue;
            }
            if (keyword.Value == "BI")
                SkipInlineImage(lexer);
            else
                Operate(run, keyword.Value, operands);
            operands.Clear();
        }
    }

    /// <summary>One content stream under way.</summary>
    private sealed class Frame(PdfObject.Dictionary resources, State state, int depth)
    {
        public PdfObject.Dictionary Resources => resources;

        public int Depth => depth;

        public State State { get; set; } = state;

        public Stack<State> Saved { get; } = new();

        public PdfMatrix Text { get; set; } = PdfMatrix.Identity;

        public PdfMatrix Line { get; set; } = PdfMatrix.Identity;

        /// <summary>Marked content under way: whether its text is replaced by another (§14.9.4).</summary>
        public Stack<bool> Marks { get; } = new();

        public int Replaced { get; set; }
    }

    private void Operate(Frame run, string keyword, List<PdfObject?> operands)
    {
        double N(int index) => index < operands.Count && operands[index] is PdfObject.Number number ? number.Value : 0;
        switch (keyword)
        {
            case "q" when run.Saved.Count < MostStates:
                run.Saved.Push(run.State);
                break;
            case "Q" when run.Saved.TryPop(out var saved):
                run.State = saved;
                break;
            case "cm":
                run.State = run.State with { Page = new PdfMatrix(N(0), N(1), N(2), N(3), N(4), N(5)).Then(run.State.Page) };
                break;
            case "BT":
                run.Text = run.Line = PdfMatrix.Identity;
                break;
            case "Tf":
                run.State = run.State with { Font = FontOf(run, (operands.FirstOrDefault() as PdfObject.Name)?.Value), Size = N(1) };
                break;
            case "Tc":
                run.State = run.State with { CharacterSpace = N(0) };
                break;
            case "Tw":
                run.State = run.State with { WordSpace = N(0) };
                break;
            case "Tz":
                run.State = run.State with { Scale = N(0) / 100 };
                break;
            case "TL":
                run.State = run.State with { Leading = N(0) };
                break;
            case "Ts":
                run.State = run.State with { Rise = N(0) };
                break;
            case "Td":
                NextLine(run, N(0), N(1));
                break;
            case "TD":
                run.State = run.State with { Leading = -N(1) };
                NextLine(run, N(0), N(1));
                break;
            case "Tm":
                run.Text = run.Line = new PdfMatrix(N(0), N(1), N(2), N(3), N(4), N(5));
                break;
            case "T*":
                NextLine(run, 0, -run.State.Leading);
                break;
            case "Tj":
                Show(run, operands.FirstOrDefault());
                break;
            case "'":
                NextLine(run, 0, -run.State.Leading);
                Show(run, operands.FirstOrDefault());
                break;
            case "\"":
                run.State = run.State with { WordSpace = N(0), CharacterSpace = N(1) };
                NextLine(run, 0, -run.State.Leading);
                Show(run, operands.ElementAtOrDefault(2));
                break;
            case "TJ" when operands.FirstOrDefault() is PdfObject.Array pieces:
                foreach (var piece in pieces.Items)
                {
                    if (piece is PdfObject.Number back)
                        run.Text = run.Text.Moved(-back.Value / 1000 * run.State.Size * run.State.Scale, 0);
                    else
                        Show(run, piece);
                }
                break;
            case "Do":
                Draw(run, (operands.FirstOrDefault() as PdfObject.Name)?.Value);
                break;
            case "BMC":
                Mark(run, null);
                break;
            case "BDC":
                Mark(run, operands.ElementAtOrDefault(1));
                break;
            case "EMC" when run.Marks.TryPop(out var replaced):
                run.Replaced -= replaced ? 1 : 0;
                break;
        }
    }

    private static void NextLine(Frame run, double x, double y) => run.Text = run.Line = run.Line.Moved(x, y);

    private void Show(Frame run, PdfObject? value)
    {
        if (value is not PdfObject.Text shown)
            return;
        var state = run.State;
        var start = run.Text;
        var piece = new StringBuilder();
        foreach (var glyph in state.Font.Glyphs(shown.Bytes, budget))
        {
            piece.Append(glyph.Text);
            var width = glyph.Width * state.Size + state.CharacterSpace + (glyph.IsSpace ? state.WordSpace : 0);
            run.Text = run.Text.Moved(width * state.Scale, 0);
        }
        if (run.Replaced == 0)
            Place(run, piece.ToString(), start);
    }

    private void Place(Frame run, string piece, PdfMatrix start)
    {
        var page = start.Moved(0, run.State.Rise).Then(run.State.Page);
        layout.Show(piece, page, run.Text.Moved(0, run.State.Rise).Then(run.State.Page), Math.Abs(run.State.Size) * page.Height);
    }

    private void Mark(Frame run, PdfObject? properties)
    {
        if (run.Marks.Count >= MostStates)
            return;
        var dictionary = properties is PdfObject.Name name ? document.Dictionary(document.Dictionary(run.Resources["Properties"])[name.Value]) : properties as PdfObject.Dictionary;
        var replacement = document.Resolve(dictionary?["ActualText"]) as PdfObject.Text;
        run.Marks.Push(replacement is not null);
        if (replacement is null)
            return;
        if (run.Replaced++ == 0)
            Place(run, PdfStrings.Decode(replacement.Bytes), run.Text);
    }

    private PdfFont FontOf(Frame run, string? name)
    {
        if (name is null || document.Resolve(document.Dictionary(run.Resources["Font"])[name]) is not PdfObject.Dictionary dictionary)
            return PdfFont.Unknown;
        if (!fonts.TryGetValue(dictionary, out var font))
            fonts[dictionary] = font = PdfFont.Read(document, dictionary, budget);
        return font;
    }

    // §8.10: a form is a content stream of its own.
    private void Draw(Frame run, string? name)
    {
        if (name is null || run.Depth >= DeepestForm || document.Resolve(document.Dictionary(run.Resources["XObject"])[name]) is not PdfObject.Stream form
            || document.Name(form.Header["Subtype"]) != "Form" || !formsUnderWay.Add(form))
            return;
        var matrix = document.Items(form.Header["Matrix"]);
        var own = matrix.Count == 6
            ? new PdfMatrix(document.Number(matrix[0]), document.Number(matrix[1]), document.Number(matrix[2]), document.Number(matrix[3]), document.Number(matrix[4]), document.Number(matrix[5]))
            : PdfMatrix.Identity;
        var resources = form.Header["Resources"] is { } named ? document.Dictionary(named) : run.Resources;
        Run(document.Bytes(form), resources, run.State with { Page = own.Then(run.State.Page) }, run.Depth + 1);
        formsUnderWay.Remove(form);
    }

    // §8.9.7: the data ends with EI between blanks, which can also stand in the data.
    private static void SkipInlineImage(PdfLexer lexer)
    {
        while (lexer.Read() is var item and not PdfObject.End)
        {
            if (item is not PdfObject.Keyword { Value: "ID" })
                continue;
            var span = lexer.Bytes.Span;
            for (var at = lexer.Position + 1; at < span.Length; at++)
            {
                var next = span[at..].IndexOf("EI"u8);
                if (next < 0)
                    break;
                at += next;
                if (PdfLexer.IsBlank(span[at - 1]) && (at + 2 >= span.Length || PdfLexer.IsBlank(span[at + 2])))
                {
                    lexer.Position = at + 2;
                    return;
                }
            }
            lexer.Position = span.Length;
            return;
        }
    }
}
