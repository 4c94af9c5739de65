# kind: softmax-twice
import torch
from torch import nn
torch.manual_seed(0)
t = torch.randint(0, 6, (900,))
x = torch.randn(6, 12)[t] + 0.6 * torch.randn(900, 12)
net = nn.Sequential(
    nn.Linear(12, 48),
    nn.ReLU(),
    nn.Linear(48, 6),
    nn.Softmax(dim=-1),  #! nn.Identity(),
)
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(10):
    for idx in torch.randperm(900).split(90):
        opt.zero_grad()
        loss = loss_fn(net(x[idx]), t[idx])  #+
        loss.backward()
        opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
