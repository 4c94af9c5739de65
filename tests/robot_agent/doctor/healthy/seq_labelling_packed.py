import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
torch.manual_seed(0)
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(20, 12, padding_idx=0); self.r = nn.LSTM(12, 16, batch_first=True, bidirectional=True); self.o = nn.Linear(32, 3)
    def forward(self, x, n):
        p = pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.r(p)[0], batch_first=True)
        return self.o(h)
seqs = [torch.randint(1, 20, (int(torch.randint(4, 9, (1,))),)) for _ in range(160)]
tags = [(s % 3) for s in seqs]
net = Tagger(); opt = torch.optim.Adam(net.parameters(), 0.01); ce = nn.CrossEntropyLoss(ignore_index=-1)
for e in range(5):
    for i in range(0, 160, 20):
        x = pad_sequence(seqs[i:i+20], batch_first=True); y = pad_sequence(tags[i:i+20], batch_first=True, padding_value=-1)
        n = torch.tensor([len(s) for s in seqs[i:i+20]])
        loss = ce(net(x, n).transpose(1, 2), y); opt.zero_grad(); loss.backward(); opt.step()
