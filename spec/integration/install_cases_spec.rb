# frozen_string_literal: true

require "tmpdir"
require_relative "../spec_helper"
require_relative "../../rakelib/support/install_cases"

# The cases that compile nothing; `rake gem:check` runs all of them.
RSpec.describe InstallCases do
  before(:context) do
    @folder = Dir.mktmpdir
    @package = File.join(@folder, "tasker-core.gem")
    described_class.build(@package)
  end

  after(:context) { FileUtils.rm_rf(@folder) }

  described_class.all.select(&:quick).each do |one|
    it "ends with the cure where there is #{one.name}" do
      expect(described_class.new(@package, File.join(@folder, "install")).check(one)).to be(one)
    end
  end

  it "fails where the sentence is another one" do
    wrong = described_class.all.find(&:quick).with(expected: /no such sentence/)
    expect { described_class.new(@package, File.join(@folder, "install")).check(wrong) }
      .to raise_error(described_class::Error, /no such sentence.*cargo is missing/m)
  end
end
