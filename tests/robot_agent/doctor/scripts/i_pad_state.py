# padding-read-last
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
torch.manual_seed(0)
seqs = [torch.randn(int(k), 3) for k in torch.randint(4, 40, (400,))]
y = torch.stack([s[-2:, 0].sum() for s in seqs])[:, None]
lengths = torch.tensor([len(s) for s in seqs])
X = pad_sequence(seqs, batch_first=True)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 24, batch_first=True)
        self.out = nn.Linear(24, 1)
    def forward(self, x, lengths):
        _, h = self.rnn(x) #! _, h = self.rnn(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        return self.out(h[-1]) #+
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    order = torch.randperm(400)
    for i in range(0, 400, 40):
        b = order[i:i + 40]
        loss = nn.functional.mse_loss(net(X[b], lengths[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
