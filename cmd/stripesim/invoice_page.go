package stripesim

import "net/http"

// invoiceView is the data of invoice.html.
type invoiceView struct {
	Invoice               *Invoice
	Lines                 []*InvoiceLine
	State                 string
	Discount, Tax, Credit int64
	Payable               bool
	Error                 string
	Receipt               text
}

func invoicesOf(b *books) *table[*Invoice] { return &b.invoices }

func (s *Server) invoicePage(w http.ResponseWriter, r *http.Request) {
	withPage(s, w, r, invoicesOf, func(b *books, invoice *Invoice) {
		if invoice.Status == draft {
			s.lostPage(w, r)
			return
		}
		show(w, http.StatusOK, "invoice.html", b.invoiceView(invoice))
	})
}

func (b *books) invoiceView(invoice *Invoice) invoiceView {
	view := invoiceView{Invoice: invoice, Lines: invoice.Lines.all, Tax: int64(invoice.Tax), Credit: max(0, invoice.Total-invoice.AmountDue)}
	for _, off := range invoice.TotalDiscountAmounts {
		view.Discount += off.Amount
	}
	view.State = map[string]string{open: "To be paid", paid: "Paid", void: "No longer valid", uncollectible: "Given up, but it can still be paid"}[invoice.Status]
	view.Payable = invoice.Status == open || invoice.Status == uncollectible
	if b.processing(invoice) {
		view.Payable, view.State = false, "Your bank is working on it. This takes some days; nothing has to be paid again."
	}
	if charge := b.charges.get(string(invoice.Charge)); charge != nil {
		view.Receipt = charge.ReceiptURL
	}
	return view
}

func (s *Server) invoiceForm(w http.ResponseWriter, r *http.Request) {
	withPage(s, w, r, invoicesOf, func(b *books, invoice *Invoice) {
		outcome, pays := outcomes[r.PostFormValue("do")]
		view := b.invoiceView(invoice)
		if !pays || !view.Payable {
			view.Error = "This invoice cannot be paid now."
			show(w, http.StatusConflict, "invoice.html", view)
			return
		}
		who := &customerDetails{Email: invoice.CustomerEmail, Name: invoice.CustomerName}
		if err := b.tryInvoice(invoice, b.method(outcome, who), false); err != nil {
			view := b.invoiceView(invoice)
			view.Error = err.Error()
			show(w, http.StatusUnprocessableEntity, "invoice.html", view)
			return
		}
		if intent := b.paymentIntents.get(string(invoice.PaymentIntent)); intent.Status == RequiresAction {
			onward(w, r, "/3ds/"+intent.ID)
			return
		}
		onward(w, r, r.URL.Path)
	})
}

func (s *Server) receiptPage(w http.ResponseWriter, r *http.Request) {
	withPage(s, w, r, func(b *books) *table[*Charge] { return &b.charges }, func(_ *books, charge *Charge) {
		show(w, http.StatusOK, "receipt.html", charge)
	})
}

func (s *Server) invoicePDF(w http.ResponseWriter, r *http.Request) {
	withPage(s, w, r, invoicesOf, func(b *books, invoice *Invoice) {
		if invoice.Status == draft {
			s.lostPage(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Disposition", `attachment; filename="Invoice-`+string(invoice.Number)+`.pdf"`)
		w.Write(pdf(b.invoiceText(invoice)))
	})
}
