/* rua= of DMARC records: addresses are such as may stand in an envelope; what becomes of
 * any text in a report is XML without what XML does not allow. */
#include <stdint.h>
#include <stdlib.h>

#include "address.h"
#include "dmarc_rua.h"
#include "dmarc_xml.h"
#include "mem.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_xml(struct str text)
{
	char *copy = xmemdup0(text.p, text.n);
	const char *columns[DMARC_COLUMNS];
	struct buf xml = {0};
	for (size_t i = 0; i < DMARC_COLUMNS; i++)
		columns[i] = copy;
	const struct dmarc_xml_head head = {.organization = copy,
		.email = copy,
		.id = copy,
		.domain = copy,
		.record = copy,
		.method = copy};
	dmarc_xml_begin(&xml, &head);
	dmarc_xml_row(&xml, columns, 1);
	dmarc_xml_end(&xml);
	for (size_t i = 0; i < xml.n; i++)
		if ((unsigned char)xml.p[i] < ' ' && xml.p[i] != '\n')
			abort();
	if (!utf8_valid(buf_str(&xml)))
		abort();
	buf_release(&xml);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct dmarc_rua r;
	struct path path;
	dmarc_rua_parse(&r, text);
	for (size_t i = 0; i < r.n; i++)
		if (address_parse(str_of(r.list[i].address), &path) < 0 || !r.list[i].host)
			abort();
	dmarc_rua_release(&r);
	try_xml(text.n < 1000 ? text : str_n(text.p, 1000));
	return 0;
}
