#include "spf_record.h"
#include "spf_select.h"

size_t
spf_select(const struct answer *a, struct buf *out)
{
	struct buf one = {0};
	size_t n = 0;
	for (size_t i = 0; i < a->n; i++) {
		buf_reset(&one);
		if (dns_rdata_txt(a->rdata[i], &one) < 0 || !spf_is_record(buf_str(&one)))
			continue;
		buf_reset(out);
		buf_adds(out, buf_str(&one));
		n++;
	}
	buf_release(&one);
	return n;
}
