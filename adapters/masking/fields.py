"""Which fields of the message standards hold what, by their own names. What no table names is masked.

    stays     codes, keys, dates, amounts, numbers of messages and orders: what the event of a message is made of
    woord     stays when it is a code or one short noun, as on the log; else masked as a text (lists of codes too)
    code      stays when it has the form of a reference (one word with a digit)
    attribuut stays when it, or the name beside it, is one of VERA_ATTRIBUTES; else masked by its form
    eigen     stays when a profile has it as a partner's word for a status, else as woord
    others    the kinds of `words.Words.masked`

A name with its parent ('ContactInformation/Name') goes before the name alone. Names of all XML standards are in one table:
where two of them use one name, they mean one thing by it. JSON has a table per standard.
"""

from typing import Final

STAYS: Final = "stays"
OTHER: Final = "overig"
ATTRIBUTE: Final = "attribuut"

Table = dict[str, str]


def _table(stays: str, **kinds: str) -> Table:
    """Names, with blanks between; `kinds`: per kind of mask."""
    found = dict.fromkeys(stays.split(), STAYS)
    for kind, names in kinds.items():
        found |= dict.fromkeys(names.split(), kind)
    return found


def kind_of(table: Table, parent: str, name: str) -> str:
    return table.get(f"{parent}/{name}") or table.get(name, OTHER)


_SALES005_AND_INSBOU: Final = """
    AllowanceAmount AllowancePercentage AllowanceTypeCode Amount BuyersOrderNumber ChainLiabilityIndicator
    ChamberOfCommerceNumber ChargeAmount ChargeTypeCode ComplexNumber ContractDate ContractNumber
    DeliveredQuantity DeliveredQuantityMeasureUnitCode DeliveredQuantityUoM DeliveryDate DeliveryDateEarliest
    DeliveryDateLatest DeliveryTimeEarliest DeliveryTimeLatest DespatchAdviceLineIdentification DespatchAdviceNumber
    DiscountPercentage DraftOrderIndicator EndCustomerOrderNumber ExpirationDate FileType GLN GrossPrice
    InstructionDate InstructionNumber InstructionSubNumber InstructionTime
    InvoiceDate InvoiceNumber InvoiceNumberToBeCorrected InvoiceType LineIdentification
    LineIdentitfication LineNumber MeasureUnitPriceBasis MeasurementUnitQuantity MessageDate MessageNumber MessageTime
    NetLineAmount NetPrice NormPriceCode NumberOfDaysAfterDateOfInvoice NumberOfInvoicingUnits NumberOfUnitsInPriceBasis
    OrderDate OrderLineIdentification OrderNumber OrderResponseDate OrderResponseNumber OrderResponseTime OrderTime
    OrderType OrderedQuantity OrderedQuantityMeasureUnitCode OrderedQuantityUoM PaymentMethodCode PeriodEndDate
    PeriodStartDate PlannedDeliveryQuantity PlanningDate PlanningTime PremisesNumber PreviousDate PreviousTime Price
    PriceBasisUoM ProjectNumber Quantity QuantityMeasureUnitCode QuantityUoM RealEstateUnitNumber RequiredDeliveryDate
    RequiredDeliveryTime ReverseChargeIndicator ScheduledDeliveryDate ScheduledDeliveryTime StatusDate
    StatusTime SuppliersTradeItemId SuppliersTradeItemIdentification TotalAmount
    TotalAmountInvoiceChargeAllowance TotalAmountSubjectToPaymentDiscount TotalInvoiceAmount TotalNetLineAmount
    TotalVATAmount VATAmount VATBaseAmount VATPercentage VATRate VATRegistrationNumber VATpercentage YearOfConstruction
"""

_UBL: Final = """
    ActualDeliveryDate AllowanceChargeReasonCode AllowanceTotalAmount BaseQuantity ChargeIndicator
    ChargeTotalAmount CompanyID CreditNoteTypeCode CreditedQuantity CustomizationID DocumentCurrencyCode DocumentTypeCode
    DueDate EndDate EndpointID ID IdentificationCode InvoiceTypeCode InvoicedQuantity IssueDate LineExtensionAmount
    MultiplierFactorNumeric BaseAmount PayableAmount PayableRoundingAmount PaymentMeansCode PaymentMeansID Percent
    PrepaidAmount PriceAmount ProfileID StartDate TaxAmount TaxCurrencyCode TaxExclusiveAmount TaxExemptionReasonCode
    TaxInclusiveAmount TaxableAmount TaxPointDate DescriptionCode ItemClassificationCode
    @currencyID @mimeCode @schemeID @unitCode @listID @languageID
"""

XML: Final = _table(
    _SALES005_AND_INSBOU + _UBL,
    naam="""ContactPersonName Name Name2 RegistrationName Huurder PartyName/Name Contact/Name CompanyLegalForm FamilyName
        FirstName""",
    straat="Street StreetAndNumber StreetName",
    plaats="City CityName CountrySubentity",
    nummer="HouseNumber HouseLetter HouseNumberSuffix Latitude Longitude",
    postcode="PostalCode PostalZone",
    telefoon="PhoneNumber PhoneNumber1 PhoneNumber2 Telephone",
    email="EmailAddress EmailAddress1 EmailAddress2 ElectronicMail",
    iban="IBAN PayeeFinancialAccount/ID PayerFinancialAccount/ID",
    tekst="""FreeText LongDescription ShortDescription PriceBaseDescription TradeItemDescription LocationDescription
        AttributeName AttributeValue Remark Description Note Item/Name AdditionalStreetName AddressLine/Line
        TaxExemptionReason PaymentTerms/Note PaymentID InstructionNote""",
    eigen="StatusCode StatusDetailCode",
    code="BuyerReference",
    woord="""SlotType InstructionType InstructionTypeSpecification InstructionAgreementMethod DocumentType
        Country Currency Actor Cause Defect Element Location Reason AllowanceChargeReason FurtherIdentifyingCharacteristics
        AdditionalItemProperty/Name AdditionalItemProperty/Value""",
    bestand="FileName URL URI AdditionalDocumentReference/ID @filename",
    bijlage="AttachedData EmbeddedDocumentBinaryObject",
)  # fmt: skip

_ORDER_AND_INVOICE: Final = """
    formaat berichtnummer verzonden proef opdrachtgever opdrachtnummer aannemer subnummer gelieerd datum
    contract contractdatum btw_verlegd gemeld_op gereed_uiterlijk
    gereed_gevraagd uitvoeren_vanaf uitvoeren_tot complex pand eenheid bouwjaar nummer aantal prijscode prijs
    prijsbasis prijseenheid btw_code btw_percentage btw_grondslag btw_categorie gebeurd bedrag begin eind
    vorig_begin sloten offertenummer mutatie leegstand_vanaf bestandssoort regel grondslag percentage
    btw btw_nummer kvk_nummer kvk oin gln btw_totaal factuurnummer factuurdatum te_betalen netto typecode afronding
    vooruitbetaald toeslag_totaal g_bedrag ketenaansprakelijk verwijst_naar periode_van periode_tot leverdatum vervaldatum
    leverancier prijsaantal toeslag code
"""

JSON: Final = _table(
    _ORDER_AND_INVOICE,
    naam="naam naam2 contactpersoon",
    straat="straat",
    plaats="plaats",
    nummer="huisnummer huisletter toevoeging breedtegraad lengtegraad",
    postcode="postcode",
    telefoon="telefoon telefoon2",
    email="email email2",
    iban="iban g_iban",
    tekst="tekst omschrijving toelichting prijsomschrijving kenmerken/naam kenmerken/waarde",
    eigen="status detail",
    woord="""ledo/locatie ledo/element ledo/defect ledo/oorzaak reden soort opdrachtsoort afspraak specificatie urgentie land
        categorie door stap munt""",
    bestand="bijlagen/naam url",
    bijlage="data",
)

_VERA_STAYS: Final = """
    code idOrganisatie idGegevensbeheerder idExtern idAdministratie begindatum einddatum bloktijdBegin bloktijdEind
    opdrachtdatum uitersteGereeddatum technischGereeddatum financieelGereeddatum melddatum btwVerlegd aantal bedrag
"""

VERA_ATTRIBUTES: Final = frozenset(
    {"Referentienummer", "TijdstipBericht", "TijdstipGebeurtenis", "Urgentie", "Proefbericht"}
)
"""Extra attributes that are read, so that they stay. Of any other nobody knows what it holds."""

VERA: Final = _table(
    _VERA_STAYS,
    naam="""relaties/aanschrijfnaam relaties/voornaam relaties/achternaam aanschrijfnaam voornaam achternaam
        geslachtsnaam""",
    straat="straatnaam",
    plaats="woonplaats/naam",
    nummer="huisnummer huisletter huisnummerToevoeging voorletters relaties/idExtern relaties/id",
    postcode="postcode",
    tekst="tussenvoegsels omschrijving onderwerp",
    code="id",
    attribuut="extra-attributen/naam extra-attributen/waarde",
    overig="contactgegevens/waarde naam",
    woord="""status/naam soort/naam detailStatus/naam onderhoudSoort/naam onderhoudDetailSoort/naam oorzaak/naam
        locatie/naam cluster/naam meeteenheid/naam formaat/naam bouwkundigElement/naam bouwkundigElement/code
        afrekenwijze/naam""",
    bestand="bestandsnaam bestandslocatie",
    bijlage="bestand",
)  # fmt: skip

PERSON: Final = _table(
    "land",
    naam="naam naam2 contactpersoon",
    straat="straat",
    plaats="plaats",
    nummer="huisnummer huisletter toevoeging breedtegraad lengtegraad",
    postcode="postcode",
    telefoon="telefoon telefoon2",
    email="email email2",
    iban="iban g_iban",
    tekst="tekst omschrijving toelichting prijsomschrijving reden kenmerk/naam kenmerk/waarde",
    woord="ledo/locatie ledo/element ledo/defect ledo/oorzaak",
    bestand="bijlage/naam bijlage/url",
)
"""Of the paths of `adapters.formats.personal`, positions left out."""
