# backward() and step() are indented one level too little; kind: loss-overwritten
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(512, 8); y = (x[:, 0] * x[:, 1] > 0).long()
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=16, shuffle=True)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(40):
    for a, b in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a), b)
    loss.backward()  #!     loss.backward()
    opt.step()  #!     opt.step()
print(loss.item())
