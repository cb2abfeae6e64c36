from eventdepth_core import cli


def test_warmup_says_what_it_took(tiny_folder, capsys):
    words = ['warmup', '--bundle', str(tiny_folder), '--width', '70', '--height', '50']

    code = cli.main(words)

    text = capsys.readouterr().out
    assert code == 0
    assert 'tiny on onnxruntime' in text
    assert 'once warm' in text


def test_warming_a_missing_bundle_is_one_line(capsys):
    assert cli.main(['warmup', '--bundle', 'no-such']) == 2
    assert capsys.readouterr().err.count('\n') == 1
