import torch
torch.manual_seed(0)
w_true, b_true = torch.tensor([2.0, -3.4]), 4.2
X = torch.randn(400, 2); y = X @ w_true + b_true + 0.01 * torch.randn(400)
w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True); b = torch.zeros(1, requires_grad=True)
def data_iter(bs):
    idx = torch.randperm(400)
    for i in range(0, 400, bs): j = idx[i:i+bs]; yield X[j], y[j]
def squared_loss(y_hat, y): return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2
def sgd(params, lr, bs):
    with torch.no_grad():
        for p in params: p -= lr * p.grad / bs; p.grad.zero_()
for epoch in range(3):
    for xb, yb in data_iter(20):
        l = squared_loss(xb @ w + b, yb); l.sum().backward(); sgd([w, b], 0.03, 20)
