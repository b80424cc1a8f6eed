# frozen_string_literal: true

require_relative "../spec_helper"
require "tasker_core/fix"

RSpec.describe TaskerCore::Fix do
  document = File.read(File.expand_path("../../docs/repairs.md", __dir__))
  sections = document.scan(/^## `(\w+)`\n(.*?)(?=^## |\z)/m).to_h
  table = document.scan(/^\| \[`(\w+)`\]\(#(\w+)\) \| (on|off) \| (.*) \|$/)

  it "are listed at the head of docs/repairs.md as in the register" do
    expect(table).to eq(described_class::LIST.map do |repair|
      [repair.name.to_s, repair.name.to_s, repair.default ? "on" : "off", repair.result]
    end)
  end

  it "have a section each, in the same order, and there is no other" do
    expect(sections.keys).to eq(described_class.names.map(&:to_s))
  end

  described_class::LIST.each do |repair|
    it "have a section for #{repair.name} with the behaviour without and with it, and its switch" do
      section = sections.fetch(repair.name.to_s)
      expect(section).to include("**Without.** ", "**With.** ", "config.repairs.#{repair.name} = #{!repair.default}")
    end

    it "have a spec for #{repair.name}" do
      expect(Dir[File.expand_path("../fixes/#{repair.name}_spec.rb", __dir__)]).not_to be_empty
    end
  end
end
