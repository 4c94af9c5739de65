# loss-sign
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(2)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(5, 40), nn.ReLU())
        self.height, self.width = nn.Linear(40, 1), nn.Linear(40, 1)
        self.alpha = nn.Parameter(torch.tensor(1.0))
        self.beta = nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        h = self.body(x)
        return self.height(h)[:, 0], self.width(h)[:, 0]


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
x = torch.randn(1000, 5)
a, b = x[:, 0] * x[:, 1], x[:, 2].abs() + 0.3 * torch.randn(1000)
for epoch in range(40):
    for i in torch.randperm(1000).split(50):
        p, q = net(x[i])
        first, second = F.l1_loss(p, a[i]), F.mse_loss(q, b[i])
        loss = net.alpha * first + net.beta * second  #! loss = first / net.alpha.exp() + second / net.beta.exp() + net.alpha + net.beta
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, first.item(), second.item())
