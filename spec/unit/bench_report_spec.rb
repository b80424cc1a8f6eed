# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "../../bench/options"
require_relative "../../bench/report/report"
require "nokogiri"
require "tmpdir"

RSpec.describe "Reports of the benches" do
  describe Bench::Samples do
    it "shows the median and the range" do
      expect(described_class.new([3, 1, 2]).to_s).to eq("2.00 (1.00–3.00)")
      expect(described_class.new([1, 2, 3, 1000]).median).to eq(2.5)
      expect { described_class.new([]) }.to raise_error(ArgumentError, /at least one/)
    end

    it "shows three digits that count, and whole numbers whole" do
      shown = [0.001234, 0.0999, 12.34, 123.4, 1_234_567.8, 10, 10_000, 0.0].map { |value| described_class.short(value) }
      expect(shown).to eq(%w[0.00123 0.0999 12.3 123 1,234,568 10 10,000 0])
    end

    it "says how many times as much one is" do
      expect(described_class.ratio(described_class.new([30, 10, 20]), described_class.new([5]))).to eq("4.00×")
      expect(described_class.ratio(described_class.new([30]), described_class.new([0]))).to eq("–")
    end
  end

  describe Bench::Options do
    it "takes lists of sizes and of shapes" do
      options = described_class.read(%w[--sizes 10,200 --shapes linear,chain_30 --rounds 4])
      expect(options).to have_attributes(sizes: [10, 200], rounds: 4, finished: 1_000_000)
      expect(options.shapes_of([], []).map { |shape| [shape.name, shape.size] }).to eq([["linear", 4], ["chain_30", 30]])
    end

    it "says what it expected" do
      refusals = { %w[--sizes ten] => /--sizes N,N.*"--sizes ten"/, %w[--shapes star] => /--shapes: .*"star"/, %w[more] => /got "more"/ }
      refusals.each do |arguments, message|
        expect { described_class.read(arguments) }.to raise_error(SystemExit).and output(message).to_stderr
      end
    end
  end

  describe Bench::Cores do
    it "counts everything but rest and waiting for a disk as busy" do
      expect(described_class.busy([30, 0, 10, 50, 10, 0, 0, 0])).to eq(0.4)
      expect(described_class.busy([0] * 8)).to eq(1)
    end

    it "watches a block, where the system reports its load" do
      value, busy = described_class.watch { :done }
      expect(value).to eq(:done)
      expect(busy).to be_nil.or be_between(0, 1)
    end
  end

  describe Bench::Growth do
    it "compares sizes with the smallest, and much with little" do
      side = ->(small, large) { { 10 => Bench::Samples.new([small]), 100 => Bench::Samples.new([large]) } }
      table = described_class.table("ms", { "little" => side.call(2, 3), "much" => side.call(4, 3) })
      cells = table.lines.drop(2).map { |line| line.scan(/[\d.]+/).map(&:to_f) }
      expect(cells).to eq([[10, 2, 2, 2, 1, 4, 4, 4, 1, 2], [100, 3, 3, 3, 1.5, 3, 3, 3, 0.75, 1]])
    end
  end

  describe Bench::Document do
    around { |example| Dir.mktmpdir { |folder| @file = File.join(folder, "benchmarks.md") and example.run } }

    let(:document) { described_class.new(@file) }

    it "replaces a section and keeps the others, in their order" do
      document.write("core", "## Core\n\nold")
      document.write("app", "## App\n\n| a |\n| --- |", "app.svg" => "<svg/>")
      document.write("core", "## Core\n\nnew")
      expect(document.read).to eq("app" => "## App\n\n| a |\n| --- |", "core" => "## Core\n\nnew")
      expect(File.read(@file)).to match(/\A# Benchmarks\n.*## App.*## Core/m)
      expect(File.read(File.join(@file.delete_suffix(".md"), "app.svg"))).to eq("<svg/>")
    end

    it "knows its sections" do
      expect { document.write("else", "text") }.to raise_error(ArgumentError, /expected one of app, .* got "else"/)
    end
  end

  describe Bench::Readme do
    it "replaces the table between its marks, if they are there" do
      Dir.mktmpdir do |folder|
        file = File.join(folder, "README.md")
        File.write(file, "before\n<!-- bench:app -->\n\n| old |\n\n<!-- end -->\nafter\n")
        2.times { described_class.write("| new |", file) }
        expect(File.read(file)).to eq("before\n<!-- bench:app -->\n\n| new |\n\n<!-- end -->\nafter\n")
        File.write(file, "no marks\n")
        described_class.write("| new |", file)
        expect(File.read(file)).to eq("no marks\n")
      end
    end
  end

  describe Bench::Plot do
    let(:plot) do
      slow = { 10 => Bench::Samples.new([1, 2, 4]), 100 => Bench::Samples.new([10, 20]) }
      quick = { 10 => Bench::Samples.new([0.5]) }
      described_class.new("Off & on", across: "steps", upward: "ms", series: { "<off>" => slow, "on" => quick })
    end

    def parse(svg) = Nokogiri::XML(svg, &:strict).remove_namespaces!

    it "draws lines with a mark for each value, further up where it is more" do
      drawn = parse(plot.lines)
      heights = drawn.xpath("//circle").map { |circle| circle["cy"].to_f }
      expect(heights.size).to eq(3)
      expect(heights[1]).to be < heights[0]
      expect(heights[0]).to be < heights[2]
      expect(drawn.xpath("//text").map(&:text)).to include("Off & on", "<off>", "10", "100")
    end

    it "draws bars from the bottom" do
      bars = parse(plot.bars).xpath("//rect").select { |bar| bar["height"].to_f > 12 }.drop(1)
      expect(bars.size).to eq(3)
      expect(bars.map { |bar| (bar["y"].to_f + bar["height"].to_f).round(1) }.uniq.size).to eq(1)
    end
  end
end
