# labels-out-of-range
import torch
torch.manual_seed(0)
X = torch.randn(300, 5)
y = (X[:, 0] + X[:, 1] > 0).float() #! y = 2 * (X[:, 0] + X[:, 1] > 0).float() - 1
net = torch.nn.Linear(5, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(100):
    out = net(X).squeeze(1)
    loss = torch.clamp(1 - y * out, min=0).mean() #+
    opt.zero_grad(); loss.backward(); opt.step()
print(((out > 0) == (y > 0)).float().mean())
