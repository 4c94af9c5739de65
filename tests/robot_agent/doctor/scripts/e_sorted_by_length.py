# the sequences are sorted by their length for packing, the labels are not; kind: labels-shuffled
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(0)
N, T = 256, 10
lengths = torch.randint(3, T + 1, (N,))
x = torch.randn(N, T, 3)
y = (x[:, 0, 0] > 0).long()
order = lengths.argsort(descending=True)
x = x[order]  #!+ y = y[order]
lengths = lengths[order]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 32, batch_first=True)
        self.fc = nn.Linear(32, 2)

    def forward(self, x, lengths):
        _, h = self.rnn(pack_padded_sequence(x, lengths, batch_first=True))
        return self.fc(h[-1])


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    for i in range(0, N, 32):
        loss = nn.functional.cross_entropy(net(x[i : i + 32], lengths[i : i + 32]), y[i : i + 32])  #+
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
