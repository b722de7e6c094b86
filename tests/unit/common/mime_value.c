#include "mime_value.h"
#include "tap.h"

static void
has(const char *value, const char *name, const char *expected)
{
	struct mime_value v = {0};
	struct buf out = {0};
	mime_value_parse(&v, str_of(value));
	bool found = mime_value_param(&v, name, &out);
	is_strn(found ? buf_cstr(&out) : "(none)", found ? out.n : 6, expected, value);
	mime_value_release(&v);
	buf_release(&out);
}

int
main(void)
{
	struct mime_value v = {0};
	mime_value_parse(&v, STR(" Text/HTML ; charset=x"));
	is_strn(v.word.p, v.word.n, "Text/HTML", "the word before the parameters");
	mime_value_release(&v);
	has("a/b; name=x.txt", "name", "x.txt");
	has("a/b; filename=x.txt", "name", "(none)");
	has("a/b; name = my file.pdf ; x=y", "name", "my file.pdf");
	has("a/b; name=\"a;b\\\"c\"; x=y", "name", "a;b\"c");
	has("a/b; x=\"never closed; name=y", "name", "(none)");
	has("a/b;\r\n\tNAME=\"folded\r\n name\"", "name", "folded name");
	has("attachment; filename*=utf-8'en'caf%C3%A9.txt; filename=cafe.txt", "filename",
		"caf\u00e9.txt");
	has("a; filename*0*=iso-8859-1''r%E9su; filename*1*=m%E9; filename*2=\".pdf\"",
		"filename", "r\u00e9sum\u00e9.pdf");
	has("a; filename*1=b; filename*0=a; filename*3=d", "filename", "ab");
	has("a; filename*=no%20charset", "filename", "no charset");
	has("a; filename*100=x", "filename", "(none)");
	has("a; filename=", "filename", "");
	has("a;;; ; =; filename=x", "filename", "x");
	has("", "name", "(none)");
	return done();
}
