# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Frames::Logs do
  let(:component) { Class.new { include Tasker::Concerns::StructuredLogging }.tap { |type| stub_const("Shop::OrderLog", type) }.new }

  def engine(name, *)
    TaskerCore::MethodPatcher.call_original(described_class, name, component, *)
  end

  def expect_the_same(name, *arguments)
    expect(component.send(name, *arguments)).to eq(engine(name, *arguments))
  end

  describe "a line's data" do
    {
      "in UTC" => "UTC", "under another name of it" => "Etc/UTC", "in a zone east of it" => "Tokyo",
      "in one west of it" => "America/New_York", "without a zone" => nil
    }.each do |words, zone|
      it "is the engine's #{words}" do
        freeze_time
        Time.use_zone(zone) do
          component.with_correlation_id("c1") do
            expect_the_same(:build_structured_log_entry, "Step started", { step_id: 1, message: "mine" })
          end
        end
      end
    end

    it "has the instant of a fraction of a second as the engine cuts it off" do
      travel_to(Time.utc(2026, 1, 2, 3, 4, 5.9999r), with_usec: true)
      entry = component.send(:build_structured_log_entry, "x", {})
      expect(entry[:timestamp]).to eq(engine(:build_structured_log_entry, "x", {})[:timestamp]).and end_with("05.999Z")
    end
  end

  describe "its text" do
    {
      "plain values" => { text: "a", symbol: :b, number: 1, big: 2**80, yes: true, no: false, nothing: nil, ratio: 0.1, large: 1e30 },
      "a name of the environment" => { environment: Rails.env },
      "quotes, controls and other scripts" => { text: "\"a\\\n\t\u0001 ü 日本 \u{1F600}" },
      "marks of HTML" => { text: "<a href='?a&b'>" },
      "separators of lines" => { text: "a\u2028b\u2029c" },
      "floats that are no numbers" => { nan: Float::NAN, infinite: -Float::INFINITY },
      "decimals and fractions" => { price: BigDecimal("1.10"), share: 1r / 3 },
      "instants" => { at: Time.utc(2026, 1, 2), zoned: Time.utc(2026, 1, 2).in_time_zone("Tokyo"),
                      day: Date.new(2026, 1, 2), for: 3.days },
      "what is nested" => { list: [1, :a, nil, { b: 1.5 }], hash: { "c" => [Time.utc(2026)] } },
      "keys that are no symbols" => { "text" => 1, 2 => 3, nil => 4 },
      "the same key twice" => { "a" => 1, a: 2 },
      "objects with a JSON of their own" => { one: Struct.new(:a).new(1), other: Class.new { def as_json(*) = { own: true } }.new },
      "nothing" => {}
    }.each do |words, data|
      it("is the engine's for #{words}") { expect_the_same(:format_log_output, data) }
    end

    it "is the engine's where HTML is not escaped" do
      allow(ActiveSupport).to receive(:escape_html_entities_in_json).and_return(false)
      expect_the_same(:format_log_output, { text: "<a>" })
    end

    it "is made by whatever makes JSON for the application" do
      encoder = Class.new(ActiveSupport::JSON::Encoding::JSONGemEncoder) { def encode(value) = super.upcase }
      allow(ActiveSupport).to receive(:json_encoder).and_return(encoder)
      allow(ActiveSupport::JSON::Encoding).to receive(:json_encoder).and_return(encoder)
      expect(component.send(:format_log_output, { text: "a" })).to eq('{"TEXT":"A"}')
    end

    it "fails as the engine's for bytes that are no text" do
      data = { text: "\xff" }
      expected = begin
        engine(:format_log_output, data)
      rescue StandardError => e
        e
      end
      expect { component.send(:format_log_output, data) }.to raise_error(expected.class, expected.message)
    end

    %w[logfmt pretty_json].each do |format|
      it "is the engine's in #{format}" do
        config = Tasker::Configuration.configuration.telemetry.new(log_format: format)
        component.instance_variable_set(:@telemetry_config, config)
        expect_the_same(:format_log_output, { text: "a", number: 1 })
      end
    end
  end

  describe "what must not be seen" do
    let(:data) do
      {
        password: "secret", api_token: :t, password_digest: nil, amount: 3, card: { number: "4111", password: "x" }, list: [{ secret: 1 }],
        note: "password"
      }
    end

    def filter_with(parameters, mask = "[OUT]")
      config = Tasker::Configuration.configuration.telemetry.new(filter_parameters: parameters, filter_mask: mask)
      component.instance_variable_set(:@telemetry_config, config)
    end

    it "is masked as by the engine, and the data is left as it was" do
      filter_with(%i[password token secret])
      before = data.deep_dup
      2.times { expect_the_same(:apply_parameter_filtering, data) }
      expect(data).to eq(before)
      expect(component.send(:apply_parameter_filtering, data)).to include(password: "[OUT]", amount: 3, note: "password")
    end

    it "is told by patterns and names with a dot as by the engine" do
      filter_with([/tok/, "card.number"])
      expect_the_same(:apply_parameter_filtering, data)
    end

    it "follows another configuration" do
      filter_with(%i[password])
      component.send(:apply_parameter_filtering, data)
      filter_with(%i[amount], "***")
      expect(component.send(:apply_parameter_filtering, data)).to include(password: "secret", amount: "***")
    end
  end
end
