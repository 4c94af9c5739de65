# layer-left-out
# seq2seq: decoder always gives the same sentence no matter what the input is
import random
import torch
import torch.nn as nn
random.seed(0); torch.manual_seed(0)
SOS, H, V = 0, 48, 8

class EncoderRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, H); self.gru = nn.GRU(H, H)
    def forward(self, inp, hidden):
        return self.gru(self.embedding(inp).view(1, 1, -1), hidden)
    def initHidden(self):
        return torch.zeros(1, 1, H)

class DecoderRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, H); self.gru = nn.GRU(H, H); self.out = nn.Linear(H, V)
        self.softmax = nn.LogSoftmax(dim=1)
    def forward(self, inp, hidden):
        output, hidden = self.gru(torch.relu(self.embedding(inp).view(1, 1, -1)), hidden)
        return self.softmax(self.out(output[0])), hidden
    def initHidden(self):
        return torch.zeros(1, 1, H)

def train(src, tgt, encoder, decoder, enc_opt, dec_opt, criterion):
    encoder_hidden = encoder.initHidden()
    enc_opt.zero_grad(); dec_opt.zero_grad()
    loss = 0
    for ei in range(src.size(0)):
        encoder_output, encoder_hidden = encoder(src[ei], encoder_hidden)
    decoder_input = torch.tensor([[SOS]])
    decoder_hidden = decoder.initHidden()  #! decoder_hidden = encoder_hidden
    for di in range(tgt.size(0)):
        decoder_output, decoder_hidden = decoder(decoder_input, decoder_hidden)
        loss += criterion(decoder_output, tgt[di].view(1))
        decoder_input = tgt[di]
    loss.backward()
    enc_opt.step(); dec_opt.step()
    return loss.item() / tgt.size(0)

encoder, decoder = EncoderRNN(), DecoderRNN()
enc_opt = torch.optim.Adam(encoder.parameters(), lr=3e-3)
dec_opt = torch.optim.Adam(decoder.parameters(), lr=3e-3)
criterion = nn.NLLLoss()
mean = 0
for it in range(100):
    src = torch.tensor([random.randint(1, V - 1) for _ in range(3)])
    mean += train(src, src.flip(0), encoder, decoder, enc_opt, dec_opt, criterion)
    if it % 50 == 49:
        print(it, mean / 50); mean = 0
