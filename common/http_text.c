#include "http.h"

struct str
http_header(const struct http_response *r, const char *name)
{
	for (struct str rest = r->headers; rest.n;) {
		struct str value = str_cut(&rest, '\n'), key = str_cut(&value, ':');
		if (value.p && str_ieq(str_trim(key), str_of(name)))
			return str_trim(value);
	}
	return STR_NONE;
}

void
http_escape(struct buf *out, struct str s, const char *also)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c != '\0' && (strchr(plain, c) || strchr(also, c)))
			buf_addc(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned char)c);
	}
}
