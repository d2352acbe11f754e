package stripesim

// Product is something that is sold.
type Product struct {
	head
	Active              bool     `json:"active"`
	DefaultPrice        ref      `json:"default_price"`
	Description         text     `json:"description"`
	Features            []string `json:"features"`
	Images              []string `json:"images"`
	Metadata            metadata `json:"metadata"`
	Name                string   `json:"name"`
	Shippable           *bool    `json:"shippable"`
	StatementDescriptor text     `json:"statement_descriptor"`
	TaxCode             ref      `json:"tax_code"`
	UnitLabel           text     `json:"unit_label"`
	Updated             int64    `json:"updated"`
	URL                 text     `json:"url"`
}

type productParams struct {
	ID                  string        `form:"id"`
	Active              *bool         `form:"active"`
	DefaultPrice        *ref          `form:"default_price"`
	DefaultPriceData    *priceParams  `form:"default_price_data"`
	Description         *text         `form:"description"`
	Images              []string      `form:"images"`
	Metadata            metadataParam `form:"metadata"`
	Name                *string       `form:"name"`
	Shippable           *bool         `form:"shippable"`
	StatementDescriptor *text         `form:"statement_descriptor"`
	TaxCode             *ref          `form:"tax_code"`
	UnitLabel           *text         `form:"unit_label"`
	URL                 *text         `form:"url"`
}

func createProduct(c *call, p *productParams) (any, error) {
	if p.Name == nil || *p.Name == "" {
		return nil, needParam("name")
	}
	if p.ID != "" && c.products.get(p.ID) != nil {
		return nil, refuse("resource_already_exists", "id", "Product already exists.")
	}
	product := &Product{head: c.newHead("prod", "product"), Active: true, Images: []string{}, Features: []string{}, Updated: c.now()}
	if p.ID != "" {
		product.ID = p.ID
	}
	c.products.add(product)
	if err := p.apply(c, product); err != nil {
		c.products.remove(product.ID)
		return nil, err
	}
	c.emit("product.created", product)
	if p.DefaultPriceData != nil {
		p.DefaultPriceData.Product = product.ID
		price, err := c.newPrice(p.DefaultPriceData)
		if err != nil {
			return nil, err
		}
		c.emit("price.created", price)
		product.DefaultPrice = ref(price.ID)
		c.emit("product.updated", product)
	}
	return product, nil
}

func (p *productParams) apply(c *call, product *Product) error {
	if p.DefaultPrice != nil && *p.DefaultPrice != "" {
		price, err := c.prices.need(string(*p.DefaultPrice), "price", "default_price")
		if err != nil {
			return err
		}
		if price.Product != product.ID {
			return refuse("", "default_price", "The price %s belongs to another product.", price.ID)
		}
	}
	if p.Images != nil {
		product.Images = p.Images
	}
	if p.Shippable != nil {
		product.Shippable = p.Shippable
	}
	set(&product.Active, p.Active)
	set(&product.DefaultPrice, p.DefaultPrice)
	set(&product.Description, p.Description)
	set(&product.Name, p.Name)
	set(&product.StatementDescriptor, p.StatementDescriptor)
	set(&product.TaxCode, p.TaxCode)
	set(&product.UnitLabel, p.UnitLabel)
	set(&product.URL, p.URL)
	product.Metadata = product.Metadata.with(p.Metadata)
	product.Updated = c.now()
	return nil
}

func updateProduct(c *call, p *productParams) (any, error) {
	product, err := c.products.need(c.id, "product", "id")
	if err != nil {
		return nil, err
	}
	if err := p.apply(c, product); err != nil {
		return nil, err
	}
	c.emit("product.updated", product)
	return product, nil
}

func getProduct(c *call, _ *none) (any, error) { return c.products.need(c.id, "product", "id") }

func deleteProduct(c *call, _ *none) (any, error) {
	product, err := c.products.need(c.id, "product", "id")
	if err != nil {
		return nil, err
	}
	for price := range c.prices.all() {
		if price.Product == c.id {
			return nil, refuse("", "", "This product cannot be deleted because it has one or more user-created prices.")
		}
	}
	c.emit("product.deleted", product)
	c.products.remove(c.id)
	return deleted{name{c.id, "product"}, true}, nil
}

type productsParams struct {
	page
	Active  *bool    `form:"active"`
	Created *span    `form:"created"`
	IDs     []string `form:"ids"`
}

func listProducts(c *call, p *productsParams) (any, error) {
	return listed(c, p.page, &c.products, func(product *Product) bool {
		return p.Created.has(product.Created) && (p.Active == nil || *p.Active == product.Active) && oneOf(p.IDs, product.ID)
	})
}

// oneOf is a filter by a list: an empty one lets everything through.
func oneOf(wanted []string, value string) bool {
	if len(wanted) == 0 {
		return true
	}
	for _, one := range wanted {
		if one == value {
			return true
		}
	}
	return false
}
